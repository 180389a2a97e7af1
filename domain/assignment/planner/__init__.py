"""The planner: hard rules, one minimum-cost flow, the public lottery, and the certificate of the result."""
