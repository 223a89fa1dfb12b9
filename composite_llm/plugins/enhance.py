"""`enhance`: a cheap model has answered, a better one of any provider refines the answer."""

from composite_llm.content import last_question
from composite_llm.plugins.plugin import Exchange, Plugin, Settings
from composite_llm.plugins.registry import plugin

INSTRUCTION = (
    "You edit answers before they are sent. Below are a question and the draft of an answer. Correct what is "
    "wrong, fill what is missing, cut what does not help, and keep the draft's language and format. Reply with "
    "the finished answer alone: no remarks about the draft or about what was changed."
)


class EnhanceSettings(Settings):
    model: str
    """The model that refines, such as `anthropic/claude-opus-4-1`."""
    instruction: str = INSTRUCTION
    min_chars: int = 1
    """Shorter answers are left alone."""
    temperature: float | None = None
    max_tokens: int | None = None


@plugin("enhance")
class Enhance(Plugin):
    Settings = EnhanceSettings
    rewrites = True

    async def on_answer(self, exchange: Exchange, text: str) -> str | None:
        if len(text) < self.settings.min_chars:
            return None
        given = {"temperature": self.settings.temperature, "max_tokens": self.settings.max_tokens}
        told = f"<question>\n{last_question(exchange.messages)}\n</question>\n<draft>\n{text}\n</draft>"
        refined = await exchange.ask(
            self.settings.model,
            [{"role": "system", "content": self.settings.instruction}, {"role": "user", "content": told}],
            **{name: value for name, value in given.items() if value is not None},
        )
        return refined.strip() or None
