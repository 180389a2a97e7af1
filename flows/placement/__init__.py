"""Plans and what follows from them: drafts, adoption, teams, rosters, staffing."""
