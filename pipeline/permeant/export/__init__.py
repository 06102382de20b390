"""Results written for other programs: a cell as NWB."""
