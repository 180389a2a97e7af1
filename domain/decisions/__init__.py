"""Officers' decisions: who may decide what, on which facts, how it is proved, and how it is taken back."""
