"""What officers work with and do around decisions: queue, screening, notes, claims, appeals, proofs."""
