"""How long a channel stays open and shut: distributions behind a dead time."""
