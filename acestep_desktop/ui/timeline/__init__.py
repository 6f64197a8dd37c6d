"""The timeline: tracks of clips over bars and seconds, drawn and edited."""
