"""What went back and is mended: corrections, answers, the time for them, and what is late."""
