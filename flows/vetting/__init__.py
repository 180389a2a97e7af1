"""The stage *vetting*: checks and screening are run, and cases go to the queue or are approved."""
