"""Training that is not bound to the miniature: fusers for any of the host's UNets."""
