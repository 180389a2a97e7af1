"""Letters as they are written with an event: to whom, in which language, under which key, with which contents."""
