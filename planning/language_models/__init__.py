"""Language models that write plans: who answers (profiles) and how they are asked (clients)."""
