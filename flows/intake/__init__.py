"""The stage *intake*: from a nominations file to applications, each row accounted for."""
