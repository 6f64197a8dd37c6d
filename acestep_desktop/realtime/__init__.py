"""The audio process and the clock process: transport, player, stream, MIDI clock, their clients."""
