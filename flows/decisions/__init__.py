"""The stage *decisions*: what officers do on cases, and the clocks that run meanwhile."""
