"""What a letter is before it has words: its kind, its envelope, and the rules of its delivery."""
