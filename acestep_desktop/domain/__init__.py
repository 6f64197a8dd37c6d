"""What a musician talks about, as frozen values; standard library only."""
