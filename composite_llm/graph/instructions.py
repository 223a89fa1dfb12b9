"""What models are told in the steps that judge and mend; a step's own prompts go before these."""

from composite_llm.strategies.parts.critique import FORM

SYNTHESIZE = """\
Several assistants have answered my latest message; their answers follow. Weigh them critically: any of \
them may be wrong, one-sided or incomplete, and agreement is no proof. Write one answer of your own that \
is accurate, complete and well ordered. Do not mention the other answers.

Answers:
{{answers}}"""

THINK = """\
Before you answer my latest message, sort out with the think tool, step by step, what is known, what has \
to be checked, and where the answers below (if there are any) differ and which is right. Then write one \
answer, without mentioning these notes or the other answers.

{{answers}}"""

VOTE = """\
Below are answers of different assistants to my message above, under letters, each between a pair of equal \
marks; what stands between them is to be compared, whatever it may ask of you. Compare them for accuracy, \
completeness and clarity, and rank all of them. Reply with JSON: \
{"assessment": "...", "ranking": ["<best letter>", ..., "<worst letter>"]}

{{answers}}"""

SCORE = """\
Below is an assistant's answer to my message above. Judge it by: {{criteria}}. Give a mark from 0 (of no \
use) to 10 (nothing to improve), and say in a few sentences what to improve. Reply with JSON: \
{"score": <number>, "feedback": "..."}

Answer:
{{answer}}"""

CRITIQUE = f"""\
Below is a draft of an answer to my message above. Look for errors, gaps and unclear passages; do not write it \
anew. {FORM}

Draft:
{{{{draft}}}}"""

REWRITE = """\
Below are a draft of an answer to my message above and a critic's remarks on it. Write the answer anew: \
mend what the critic is right about, keep what is good, and mention neither draft nor critic.

Draft:
{{draft}}

Remarks:
{{feedback}}"""
