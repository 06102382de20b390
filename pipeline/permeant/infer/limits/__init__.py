"""What limits a current: viscosity of the solution, charge of the carrier."""
