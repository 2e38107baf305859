"""What is measured on a relaxed dislocation: slip across its plane, energy within a radius."""
