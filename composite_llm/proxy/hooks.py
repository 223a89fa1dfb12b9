"""What a proxy's `config.yaml` names as its handler, also one that LiteLLM's own command starts."""

import litellm

import composite_llm
from composite_llm.litellm_provider import CompositeLLM
from composite_llm.proxy.callbacks import ProxyCallbacks

composite_llm.register()
litellm.callbacks.append(ProxyCallbacks())
provider = CompositeLLM()
