"""Answers to the questions of the demo, in sentences that hold in any order.

A newcomer reads these first, so they are true and written by hand; each model says some of them.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subject:
    question: str
    openings: tuple[str, ...]
    facts: tuple[str, ...]
    closings: tuple[str, ...]

    @property
    def recognised_by(self) -> str:
        """The question in lower case without its last mark, as it may stand inside a prompt."""
        return self.question.lower().rstrip("?.")


SUBJECTS = (
    Subject(
        "Why is the sky blue?",
        (
            "The sky is blue because air scatters short, blue wavelengths of sunlight far more than long, red ones.",
            "Blue reaches us from every direction of the sky, since air molecules send it sideways so readily.",
            "In short: Rayleigh scattering, the way small molecules deflect light, favours blue.",
            "It is a matter of scattering: on its way through the air, blue light is turned aside and red goes on.",
        ),
        (
            "Sunlight looks white but is a mixture of all visible colours.",
            (
                "The strength of the scattering grows with the fourth power of the frequency, so blue light at"
                " 450 nanometres is deflected about four times as much as red at 650."
            ),
            (
                "Violet is scattered even more strongly, but the sun emits less of it, the upper air absorbs some,"
                " and our eyes are less sensitive to it."
            ),
            "At sunset the light crosses far more air, the blue is lost on the way, and reds and oranges remain.",
            "Clouds look white because their droplets are large enough to scatter all colours alike.",
            "On the Moon, where there is no air, the sky is black even at noon.",
            "The effect needs no dust or water: clean, dry air is enough.",
            "Near the horizon the sky is paler, because light from there has been scattered many times.",
        ),
        (
            "So the colour of the sky tells us about the size of air molecules rather than about the sun.",
            "The same rule explains both the blue of noon and the red of evening.",
        ),
    ),
    Subject(
        "How do vaccines train the immune system?",
        (
            (
                "A vaccine shows the immune system a harmless piece of a germ, so that it can practise before the"
                " real one arrives."
            ),
            "Vaccines work by rehearsal: the body learns to recognise a germ without having to fall ill from it.",
            "They give the body a wanted poster: what the germ looks like, without the germ itself.",
        ),
        (
            (
                "The piece that is shown, the antigen, may be a weakened germ, a single protein, or mRNA from which"
                " cells make that protein for a while."
            ),
            "Dendritic cells pick up the antigen and carry it to the lymph nodes, where it is presented to T cells.",
            "Helper T cells then activate those B cells whose receptors happen to fit.",
            "B cells multiply and improve their antibodies over some weeks, a process called affinity maturation.",
            "When the response fades, memory B and T cells stay behind for years, in some cases for life.",
            "On a later infection the memory cells answer within days rather than weeks, often before symptoms.",
            "A booster repeats the lesson and raises both the number and the quality of the memory cells.",
            "A sore arm or a mild fever is a sign of this response, not of the disease itself.",
        ),
        (
            "What remains is not the vaccine but the memory of it.",
            "Where enough people are immune, germs also find fewer ways to those who are not.",
        ),
    ),
    Subject(
        "What makes a good code review?",
        (
            "A good code review finds what matters, explains why, and leaves the author wanting the next one.",
            "Good reviews are prompt, specific and kind, and they spend their attention on design and correctness.",
            "The best reviews improve two things at once: the change at hand and the next one its author writes.",
        ),
        (
            "Start from the purpose of the change: the best comment may be that it is not needed.",
            "Small changes get better reviews; beyond a few hundred lines, attention drops quickly.",
            "Leave formatting and style to tools, so that people can read for logic, edge cases and naming.",
            "Say which remarks must be dealt with and which are only a matter of taste.",
            "Ask questions where you are unsure: the author often knows something you do not.",
            "Read the tests as carefully as the code, and ask which bug each of them would catch.",
            "Answer within a working day, because a waiting change goes stale and blocks others.",
            "Praise what is well done; it teaches as much as criticism does.",
        ),
        (
            "In the end both sides should understand the code better than before.",
            "A review is a conversation about the code, never a verdict on the person.",
        ),
    ),
    Subject(
        "Explain how a hash map works.",
        (
            "A hash map turns each key into a number that says where in an array its value lives.",
            "Think of a cloakroom: the hash function hands out the hook, so nobody has to search the whole rail.",
            "A hash map trades a little memory for speed: it computes where a value lies.",
        ),
        (
            "The hash of the key, taken modulo the length of the array, picks a bucket.",
            (
                "Two keys may fall into the same bucket; chaining keeps a short list there, while open addressing"
                " tries further slots."
            ),
            "Because hashes can collide, the key is stored too and compared on every lookup.",
            "With a good hash function, lookup, insertion and deletion take constant time on average.",
            (
                "When the table is about two thirds to three quarters full it grows, usually doubling, and every"
                " entry is placed anew."
            ),
            (
                "In the worst case all keys collide and an operation takes linear time, which is why many languages"
                " seed their hash function at random."
            ),
            "Keys must not change while they are in the map, or they can no longer be found.",
            "The price of the speed is some unused memory and, in many designs, no useful order of the keys.",
        ),
        (
            "The idea is old and simple: compute the place instead of looking for it.",
            "That is why dictionaries in most languages are hash maps underneath.",
        ),
    ),
    Subject(
        "When should a team choose SQL over NoSQL?",
        (
            "Choose SQL when the data has relations and rules that must hold, and when questions will change.",
            "A relational database is the better default; leave it only for a reason you can name.",
            "SQL wins where correctness matters more than shape, and that is more often than it seems.",
        ),
        (
            "Transactions over several tables keep money, stock and bookings consistent even when things fail.",
            "Joins let the team ask new questions without storing the data anew for each of them.",
            "A schema documents the data and refuses the rows that would break a report a year later.",
            "Document stores suit records of very different shape that are read and written as a whole.",
            "Key-value and wide-column stores shine where access is simple and the volume exceeds one machine.",
            "A single well-indexed PostgreSQL server carries most products much further than teams expect.",
            "SQL is widely known, so hiring, tooling and analysis all become easier.",
            (
                "The choice is not exclusive: many systems keep their records in SQL, with a cache or a search"
                " index beside it."
            ),
        ),
        (
            "Let the access patterns and the need for consistency decide, not the fashion.",
            "Starting relational and adding a special store later is easier than the way back.",
        ),
    ),
    Subject(
        "How do noise-cancelling headphones work?",
        (
            "They listen to the noise around you and play its mirror image, so that the two cancel at your ear.",
            "Noise-cancelling headphones fight sound with sound: an inverted copy of the noise removes most of it.",
            "The trick is timing: hear the noise, turn it upside down, and play it before the original arrives.",
        ),
        (
            "Microphones on the outside pick up the noise shortly before it reaches the ear.",
            (
                "A processor inverts the wave, so that its peaks meet the valleys of the noise; this is called"
                " destructive interference."
            ),
            "Steady, low sounds such as engines and fans are cancelled best, usually below about one kilohertz.",
            "Voices and sudden clatter come through more, because short waves demand too exact a timing.",
            "A second microphone inside the cup hears what is left over and corrects it.",
            "The cushions do the other half of the work: they block high tones by plain insulation.",
            "Transparency mode uses the same microphones to let the surroundings in on purpose.",
            "All this needs power, which is why the effect ends when the battery does.",
        ),
        (
            "The result is not silence but a much quieter starting point for the music.",
            "That is why they feel like magic on a plane and less so in a busy office.",
        ),
    ),
)
