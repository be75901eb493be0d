"""Definitions of sagas: their steps, branches and links; the registry of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from saga.errors import UnknownDefinition
from saga.messages import Channels
from saga.results import END
from saga.step import Kind, Step, Wording

# The key in the output of a step that chose: the name of the step chosen.
CHOSEN = "chosen"


@dataclass(frozen=True)
class Branch:
    """Steps that run in parallel with what follows the step ``after``.

    The steps name their branch. A branch that splits off before the pivot ends before
    the pivot begins, because behind the pivot nothing can be refused any more. Every
    other branch ends before the saga ends.
    """

    name: str
    after: str


@dataclass(frozen=True)
class Definition:
    """A named, versioned sequence of steps, some of them in branches.

    ``steps`` are all steps, those of each branch in their order. Raises ValueError if
    branches and steps do not match.

    ``channels`` returns, by name, all channels by which staff are alerted to a saga
    that needs them.

    ``version`` must be raised when a step is inserted, removed or renamed. ``retired``
    are steps that are no longer done, kept for the undo of sagas that did them before.
    ``oldest`` is the oldest version whose sagas this code can continue.

    ``title`` is what staff call it. For a ``background`` definition no customer waits.
    It may wait for days, so metrics leave it out; and a step whose tries are used up
    stops for staff, instead of turning back.
    """

    name: str
    version: int
    steps: tuple[Step, ...]
    channels: Callable[[], Channels]
    branches: tuple[Branch, ...] = ()
    retired: tuple[Step, ...] = ()
    oldest: int = 1
    title: Wording = ""
    background: bool = False

    def __post_init__(self) -> None:
        self._check_choices()
        self._check_items()
        branches, main_path = {branch.name for branch in self.branches}, self.along("")
        for step in self.steps:
            if step.branch and (step.branch not in branches or step.pivot):
                message = (
                    f"{step.name}: no such branch, or a pivot outside of the main path"
                )
                raise ValueError(message)
        for branch in self.branches:
            if branch.after not in {step.name for step in main_path}:
                message = (
                    f"branch {branch.name} splits off after no step of the main path"
                )
                raise ValueError(message)

        self._check_approvals(main_path)

    def _check_approvals(self, main_path: tuple[Step, ...]) -> None:
        pivot = next((step for step in main_path if step.pivot), None)
        for step in self.ahead(pivot.name) if pivot else ():
            if step.approval and step != pivot:
                message = f"{step.name} asks behind the pivot: nobody could decline"
                raise ValueError(message)

    def _check_choices(self) -> None:
        for step in self.steps:
            for name in step.choices:
                later = {each.name for each in self.remaining(step.name)[1:]}
                if name not in {*later, END}:
                    message = f"{step.name} chooses {name}, which does not follow it"
                    raise ValueError(message)
                for passed in self._between(step, name):
                    if passed.pivot or self.splitting_off(passed.name):
                        message = f"{step.name} may not pass over {passed.name}"
                        raise ValueError(message)

    def _check_items(self) -> None:
        mapped = [step.over.definition for step in self.steps if step.over]
        if len(set(mapped)) < len(mapped) or self.name in mapped:
            message = f"{self.name}: each Map needs a definition of its own"
            raise ValueError(message)

    def _between(self, step: Step, name: str) -> tuple[Step, ...]:
        remaining = self.remaining(step.name)
        if name == END:
            return remaining[1:]
        return remaining[1 : remaining.index(self.step(name))]

    def chosen(self, step: Step, name: str) -> Step | None:
        """Return the step that ``step`` chose; None is the end.

        Raises ValueError if it may not choose that.
        """
        if name not in step.choices:
            message = f"{step.name} chose {name!r}, of {', '.join(step.choices)}"
            raise ValueError(message)
        return None if name == END else self.step(name)

    def passed_over(self, data: Mapping[str, Any]) -> set[str]:
        """Return the steps passed over, by the outputs of those that chose."""
        found: set[str] = set()
        for step in self.steps:
            name = (data.get(step.name) or {}).get(CHOSEN) if step.choices else None
            if name in step.choices:
                found |= {each.name for each in self._between(step, name)}
        return found

    def along(self, branch: str) -> tuple[Step, ...]:
        """Return the steps of one branch in their order; of the main path for ""."""
        return tuple(step for step in self.steps if step.branch == branch)

    def splitting_off(self, name: str) -> list[Branch]:
        """Return the branches that begin when the main path's step ``name`` is done."""
        branches = [branch for branch in self.branches if self.along(branch.name)]
        return [
            branch for branch in branches if self.step(branch.after) == self.step(name)
        ]

    def joined_before(self, step: Step | None) -> list[Branch]:
        """Return the branches that end before ``step``; for None, before the end."""
        if step is not None and not step.pivot:
            return []
        main_path = self.along("")
        earlier = main_path if step is None else main_path[: main_path.index(step)]
        return [branch for each in earlier for branch in self.splitting_off(each.name)]

    @property
    def has_early_branches(self) -> bool:
        """Return whether branches split off before the pivot."""
        pivot = next((step for step in self.along("") if step.pivot), None)
        return bool(self.joined_before(pivot))

    @property
    def links(self) -> list[str]:
        """Return all links, each once, in the order of the steps."""
        return list(dict.fromkeys(step.link for step in self.steps))

    def step(self, name: str, *, undo: bool = False) -> Step:
        """Return the step of that present or former name. Raises UnknownDefinition.

        To ``undo``, retired steps are found as well.
        """
        retired = self.retired if undo else ()
        for step in (*retired, *self.steps):
            if step.name == name:
                return step
        for step in self.steps:
            if name in step.aliases:
                return step
        message = (
            f"this code has no step {name!r} of {self.name!r} (version {self.version}):"
            " deploy the version that has it, or name it among a step's aliases"
        )
        raise UnknownDefinition(message)

    def check_version(self, version: int) -> None:
        """Raise UnknownDefinition if this code cannot continue that version."""
        if self.oldest <= version <= self.version:
            return
        message = (
            f"this code has no version {version} of {self.name!r}, it continues"
            f" {self.oldest} to {self.version}: deploy version {version} or one that"
            " continues it"
        )
        raise UnknownDefinition(message)

    def after(self, name: str) -> Step | None:
        """Return the step that follows ``name`` in its branch, or None at the end."""
        remaining = self.remaining(name)
        return remaining[1] if len(remaining) > 1 else None

    def remaining(self, name: str) -> tuple[Step, ...]:
        """Return the steps of its branch from ``name`` on."""
        step = self.step(name)
        branch = self.along(step.branch)
        return branch[branch.index(step) :]

    def carries(self, link: str, step: Step) -> bool:
        """Return whether a message of ``link`` does ``step``.

        It does the link's own steps, and local steps behind an external one of them:
        those are done in the transaction that records the answer, without a message.
        """
        branch = self.along(step.branch)
        before = reversed(branch[: branch.index(step) + 1])
        external = next((each for each in before if each.kind is Kind.EXTERNAL), None)
        return link == step.link or (external is not None and link == external.link)

    def ahead(self, name: str) -> tuple[Step, ...]:
        """Return the steps from ``name`` on, and those of branches not yet begun."""
        coming = list(self.remaining(name))
        for step in coming if not self.step(name).branch else []:
            for branch in self.splitting_off(step.name):
                coming += self.along(branch.name)
        return tuple(step for step in self.steps if step in coming)

    def today(self, name: str, *, undo: bool = True) -> str:
        """Return the step's present name, or ``name`` itself if it is not known.

        ``undo`` says whether retired steps are known, too.
        """
        try:
            return self.step(name, undo=undo).name
        except UnknownDefinition:
            return name

    def remaining_links(self, name: str) -> list[str]:
        """Return the links that take a saga from step ``name`` to its branch's end."""
        first, *rest = self.remaining(name)
        links = [first.link]
        for step in rest:
            if not self.carries(links[-1], step):
                links.append(step.link)
        return links

    def is_behind(self, name: str, link: str) -> bool:
        """Return whether ``link`` carries no step from ``name`` on."""
        return not any(self.carries(link, step) for step in self.remaining(name))


_definitions: dict[str, Definition] = {}


def register(definition: Definition) -> Definition:
    """Make a definition known to engine, sweeper and commands, and return it."""
    _definitions[definition.name] = definition
    return definition


def get_definition(name: str) -> Definition:
    """Return the definition of that name. Raises UnknownDefinition if there is none."""
    try:
        return _definitions[name]
    except KeyError:
        message = (
            f"this code has no saga called {name!r}: deploy the version that has it"
        )
        raise UnknownDefinition(message) from None


def any_definition(name: str) -> Definition:
    """Return that definition, or else any: a saga without one needs channels, too.

    Raises UnknownDefinition if this code has no definition at all.
    """
    present = _definitions.get(name, next(iter(_definitions.values()), None))
    return present or get_definition(name)


def all_definitions() -> list[Definition]:
    """Return every definition of this code, by name."""
    return sorted(_definitions.values(), key=lambda definition: definition.name)


def background_names() -> list[str]:
    """Return the names of the definitions for which no customer waits."""
    return [each.name for each in all_definitions() if each.background]
