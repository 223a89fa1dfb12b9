"""`python -m composite_llm.planning`: all modes as JSON."""

import json
import sys

from composite_llm import settings
from composite_llm.planning.catalogue import catalogue

settings.read_dotenv()
json.dump(catalogue().as_dict(), sys.stdout)
