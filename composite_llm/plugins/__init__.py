"""What may look at, change or refuse requests and answers: LiteLLM callbacks that also know composites.

    from composite_llm.plugins import install, make
    install(make("content_filter", patterns=["internal-[0-9]+"]))

Or a YAML file with a list under `plugins:`, named by `COMPOSITE_LLM_PLUGINS`.

Composite requests meet plugins inside the request (`around`), whether they come by the SDK, a Router or the
proxy, synchronous or streamed: before the fan-out, and after the answer. Whatever a plugin asks a model is a
call of that request, with its span and its price. Calls of plain models meet them through LiteLLM's own hooks
(`plain_calls`), which exist for asynchronous calls and in the proxy.
"""

from composite_llm.plugins.plugin import Exchange, Plugin, Refused, Rewriter, Settings, Summary
from composite_llm.plugins.registry import BadPlugins, install, make, plugin, read_plugins

__all__ = [
    "BadPlugins",
    "Exchange",
    "Plugin",
    "Refused",
    "Rewriter",
    "Settings",
    "Summary",
    "install",
    "make",
    "plugin",
    "read_plugins",
]
