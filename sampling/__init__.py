"""What changes latents and noise between the steps of a sampler."""
