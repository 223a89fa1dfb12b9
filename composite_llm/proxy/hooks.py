"""What a proxy's `config.yaml` names as its handler, also one that LiteLLM's own command starts."""

import composite_llm
from composite_llm.litellm_provider import CompositeLLM

composite_llm.register()
provider = CompositeLLM()
