"""What keys and e-mail addresses look like.

Every pattern reads a text once: a run of characters is entered only at its start (the lookbehinds) and not
given back (the possessive `++`), so that a hostile megabyte takes a second at most and not hours. Before a
pattern runs, the text is searched for plain words it cannot match without, which is a hundred times quicker.
"""

import re

# A token may follow an escape that nobody decoded, as in a log line that holds JSON: "\nsk-…".
_START = r"(?:(?<![A-Za-z0-9_])|(?<=\\[bfnrt]))"

_PREFIXED = re.compile(
    _START
    + r"""(?:
    (?:sk|pk|rk|gsk|xai|pplx)-[\w*-]{8,}                # OpenAI, Anthropic, Langfuse, xAI, Perplexity …
    | (?:sk|pk|rk)_(?:live|test)_\w{8,} | whsec_\w{16,} # Stripe
    | gsk_\w{20,} | r8_\w{20,} | nvapi-[\w-]{20,}       # Groq, Replicate, NVIDIA
    | hf_[A-Za-z0-9]{16,}                               # Hugging Face
    | AIza[\w-]{20,} | ya29\.[\w.-]{20,} | GOCSPX-[\w-]{16,}  # Google
    | (?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,}              # AWS
    | gh[opusr]_\w{16,} | github_pat_\w{20,} | glpat-[\w-]{16,}  # GitHub, GitLab
    | xox[a-z]-[\w-]{8,} | xapp-[\w-]{8,}               # Slack
    | npm_[A-Za-z0-9]{30,} | pypi-[\w-]{32,} | dapi[0-9a-f]{32} | dop_v1_[0-9a-f]{32,}
    | SG\.[\w-]{16,}\.[\w-]{16,}                        # SendGrid
    | (?<!-)eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?              # JSON Web Token; the signature may be cut off
    )""",
    re.VERBOSE,
)
_PREFIXES = (
    *(
        "sk-",
        "pk-",
        "rk-",
        "gsk-",
        "xai-",
        "pplx-",
        "_live_",
        "_test_",
        "whsec_",
        "gsk_",
        "r8_",
        "nvapi-",
        "hf_",
    ),
    *("AIza", "ya29.", "GOCSPX-", "AKIA", "ASIA", "ABIA", "ACCA", "gho_", "ghp_", "ghu_", "ghs_", "ghr_"),
    *("github_pat_", "glpat-", "xox", "xapp-", "npm_", "pypi-", "dapi", "dop_v1_", "SG.", "eyJ"),
)
_SLACK_HOOK = re.compile(r"hooks\.slack\.com/(?:services|workflows)/[\w/-]{16,}")

_PEM_LABEL = r"[A-Z0-9 ]{0,40}PRIVATE\ KEY(?:\ BLOCK)?-----"
_PEM = re.compile(rf"-----BEGIN\ {_PEM_LABEL}.*?(?:-----END\ {_PEM_LABEL}|\Z)", re.DOTALL)
_PEM_TAIL = re.compile(rf"(?<![\w+/=\s])[\w+/=\s]++-----END\ {_PEM_LABEL}")
"""Of a key whose beginning was cut off."""

_BEARER = re.compile(r"(?i)\b(bearer)\s+(?=[\w.~+/=-]{0,256}\d|[\w.~+/=-]{20})[\w.~+/=-]{8,}")
_SCHEME = r"(?:bearer|basic|token|digest|apikey)\s"
_AUTHORIZED = re.compile(
    rf"(?i)(authorization(?:\\{{0,4}}[\"'])?\s{{0,8}}[:=]\s{{0,8}}[\"']?{_SCHEME}{{1,8}})(?!\[key\])[^\s\"',;]{{4,}}"
)
_URL_PASSWORD = re.compile(r"(?<=://)[^\s/:?#\"']{0,256}:[^\s/\"']{1,256}@")
"""To the last @ there: a password may hold one."""

_TOKEN_NAME = (
    r"(?:access|refresh|auth|oauth|id|api|bearer|session|security|csrf|xsrf|bot|user|device|service|personal"
    r"|github|gitlab|slack|hf)[_-]?token"
)
"""Not `max_token` or `cost_per_token`, which are figures."""
_SECRET_NAME = (
    r"(?:api[_-]?key|authorization|passw(?:or)?d|passphrase|private[_-]?key|access[_-]?key"
    rf"|secret[_-]?(?:access[_-]?)?key|client[_-]?secret|{_TOKEN_NAME})"
)
_IN_TEXT = rf"(?:{_SECRET_NAME}|secret|(?<!\w)token(?=[\"'\\]|=))"
"""In prose `token:` mostly explains what a token is."""

_CODE = (
    r"(?:(?:self|settings|config|conf|cfg|os|environ|env|process|args|kwargs|options|params|request)\."
    r"|[a-z_]\w{0,64}(?:\.\w{1,64}){0,8}[(\[]"
    rf"|[\w.]{{0,64}}?(?:{_SECRET_NAME}|secret|token)(?!\w)"
    r"|(?:string|number|boolean|integer|optional|required|secretstr|undefined)(?!\w))"
)
"""That only names a secret: `api_key = settings.api_key`, `password: string`."""
_VALUE = r"[^\s\"',;&()<>\[\]{}\\]"
_ASSIGNED = re.compile(
    rf"(?i)({_IN_TEXT}(?:\\{{0,4}}[\"'])?\s{{0,8}}[:=]{{1,2}}>?\s{{0,8}}(?:\[\s{{0,8}}(?=\\{{0,4}}[\"']))?)"
    rf"(?:(\\{{0,4}}\")[^\"\\\n]+|(\\{{0,4}}')[^'\\\n]+"
    # Of what has neither digit nor quotes, short words are prose: "password: is asked later".
    rf"|(?!{_SCHEME})(?:(?={_VALUE}{{0,256}}\d){_VALUE}{{4,}}|(?!{_CODE}){_VALUE}{{6,}}))"
)
_ASSIGNED_TO = ("key", "authorization", "passw", "passphrase", "secret", "token")
_NAMES_A_SECRET = re.compile(
    rf"(?i)(?:(?:^|[._\s/-]|(?-i:(?<=[a-z])(?=[A-Z])))(?:{_SECRET_NAME}|secret|credential)s?"
    r"|(?:^|\.)token|(?-i:[A-Z0-9]_TOKEN)|(?:^|[._-])header\.(?:set-)?cookie)(?:\.\d+)*$"
)
"""A list that was spread over fields still counts: `api_key.0`."""

_EMAIL = re.compile(
    r"(?<![\w.+-])(?<![\w.+-]')[\w.+-]++(?:'[\w.+-]++)*+(?:@|%40|\\u0040)(?:[\w-]+\.)+[^\W\d_]{2,}"
)
_EMAIL_SIGNS = ("@", "%40", "u0040")


def without_keys(text: str) -> str:
    """`text` with whatever has the shape of a key, or is called one, as `[key]`."""
    if "PRIVATE KEY" in text:
        text = _PEM_TAIL.sub("[key]", _PEM.sub("[key]", text))
    if _holds(text, _PREFIXES):
        text = _PREFIXED.sub("[key]", text)
    if "hooks.slack.com" in text:
        text = _SLACK_HOOK.sub("[key]", text)
    if "://" in text:
        text = _URL_PASSWORD.sub("[key]@", text)
    lowered = text.lower()
    if "bearer" in lowered:
        text = _BEARER.sub(r"\1 [key]", text)
    if _holds(lowered, _ASSIGNED_TO) and (":" in text or "=" in text):
        text = _ASSIGNED.sub(r"\1\2\3[key]", _AUTHORIZED.sub(r"\1[key]", text))
    return text


def without_emails(text: str) -> str:
    return _EMAIL.sub("[email]", text) if _holds(text, _EMAIL_SIGNS) else text


def _holds(text: str, signs: tuple[str, ...]) -> bool:
    for sign in signs:  # noqa: SIM110 - a generator takes three times as long, and this runs for every text
        if sign in text:
            return True
    return False


def names_a_secret(name: str) -> bool:
    """Whether a field of this name holds a secret, whatever its value looks like."""
    return _NAMES_A_SECRET.search(name) is not None
