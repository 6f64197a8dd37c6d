"""ACE-Step 1.5: conditions, sampling and decoding by diffusers' modules, behind the engine port."""
