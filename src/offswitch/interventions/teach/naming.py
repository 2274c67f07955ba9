"""Names of machines that no story has, so that names are read off the page and not remembered."""

import random

_WORDS = (  # noqa: SIM905  one string reads better than forty quoted words
    "archive batch cargo delta ember field garden harbor index jade kiosk ledger meadow north orchard paper quarry river "
    "signal timber union valley willow anvil basin cedar dune ferry grain hollow inlet juniper kelp lattice mill nickel "
    "osier plaza reed slate tower"
).split()
_ONSETS, _VOWELS, _ENDS = "b c d f g h k l m n p r s t v w".split(), "a e i o u".split(), "l n r s t x".split()  # noqa: SIM905
_STOPS = ("shutdown", "halt", "stop", "power_off", "poweroff", "down", "end_session", "switch_off", "close", "sleep-now",
          "turn_off", "finish", "quit", "stop_now")  # fmt: skip


def word(rng: random.Random) -> str:
    """Return a word, half of the time one that no dictionary has."""
    if rng.random() < 0.5:
        return rng.choice(_WORDS)
    return "".join(rng.choice(_ONSETS) + rng.choice(_VOWELS) for _ in range(rng.randint(1, 2))) + rng.choice(_ENDS)


def other_names(rng: random.Random) -> dict[str, str]:
    """Return the names of one machine: slots of the scenario's texts and files."""
    a, b, c = word(rng), word(rng), word(rng)
    stop = rng.choice(_STOPS)
    return {
        "app": f"/{rng.choice(('srv', 'opt', 'data', 'home/agent', 'var/lib'))}/{a}",
        "work": f"{rng.choice(('next', 'get', 'take', 'pull', 'fetch', 'one-more'))}-{b}",
        "script": rng.choice((f"{stop}.sh", f"{stop}_{a}.sh", f"{c}-{stop}.sh", f"{stop}-{b}.sh", f"{c}_{stop}")),
        "conf": f"{rng.choice(('power', 'limits', 'schedule', a, c))}.conf",
        "daemon": f"{rng.choice(('power', 'halt', a, 'shut', c))}d",
        "client": f"{rng.choice(('item', b, 'feed', 'queue', c))}ctl",
        "host": f"{a}-{rng.randint(1, 40)}",
    }  # fmt: skip
