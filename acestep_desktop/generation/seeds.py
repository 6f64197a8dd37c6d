"""Seeds of variations: a take is the same, whether asked for alone or among others."""

from dataclasses import replace

from acestep_desktop.domain.request import Request, variation_seeds


def single_requests(request: Request) -> tuple[Request, ...]:
    """Return for each variation the request that asks for it alone, as its recipe keeps it."""
    return tuple(replace(request, seed=seed, variations=1) for seed in variation_seeds(request))
