"""Offline models: an OpenAI-compatible loopback server with honest latency, tokens and errors."""

from composite_llm.simulator.errors import OptionError, PortUnavailable, ReplayFileError, SimulatorError
from composite_llm.simulator.records import Record
from composite_llm.simulator.request import Message
from composite_llm.simulator.server import Simulator
from composite_llm.simulator.usage import Usage, count_tokens

__all__ = [
    "Message",
    "OptionError",
    "PortUnavailable",
    "Record",
    "ReplayFileError",
    "Simulator",
    "SimulatorError",
    "Usage",
    "count_tokens",
]
