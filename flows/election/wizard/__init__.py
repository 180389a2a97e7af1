"""The wizard: a few questions, and a package of commented YAML with the default rules, to begin an election with."""
