"""The kind of setting that limits how long the database keeps each process waiting.

The settings use this module, so it must not read them.
"""

from shop.configuration.value_kinds import Kind, listed, number, require, split
from shop.processes.roles import ROLES


def timeouts(longest: int) -> Kind:
    """Seconds for all processes, or for each role; read as role -> milliseconds."""
    one = number(0, longest)

    def read(text: str) -> dict[str, int]:
        if "=" not in text:
            return dict.fromkeys(ROLES, round(one.read(text) * 1000))
        pairs = [part.split("=") for part in split(text)]
        require(all(len(pair) == len(("role", "seconds")) for pair in pairs))
        found = {role.strip(): seconds.strip() for role, seconds in pairs}
        # A role that is left out would have no limit by mistake.
        require(set(found) == set(ROLES) and len(pairs) == len(ROLES))
        return {role: round(one.read(text) * 1000) for role, text in found.items()}

    wanted = (
        f"a number of seconds from 0 to {longest}, or one for each of "
        f"{listed(ROLES)}, like web=10,worker=30,sweeper=30,command=0"
    ).replace(" or command", " and command")
    return Kind(wanted, read)
