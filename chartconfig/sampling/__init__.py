"""Target accuracy and population in, sample rate out: one estimand a module, then the plan."""
