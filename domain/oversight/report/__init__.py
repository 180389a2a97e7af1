"""The public report: what is counted, what is withheld so that nobody is recognised, what each policy did."""
