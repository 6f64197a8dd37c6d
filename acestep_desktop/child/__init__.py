"""Child processes: started, talked to, watched and ended; standard library only."""
