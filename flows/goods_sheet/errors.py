"""Why an uploaded file is not taken."""


class SheetRefused(Exception):
    """The file is no sheet of goods. ``sentence`` says why, in the staff's language."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
