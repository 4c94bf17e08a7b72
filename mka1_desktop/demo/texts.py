"""Longer texts that the demo's assistant knows by heart; written for it."""

from __future__ import annotations

from collections.abc import Sequence

STORY = (
    "Once there was a lighthouse on a small rock in the north, and its keeper was a woman named Ada. "
    "Every evening she climbed the ninety-nine steps, lit the lamp, and wrote one line into a thick grey book. "
    "Most lines were short. Calm sea. Two ships. Rain from the west. "
    "One night in autumn the fog was so thick that the light ended a few steps from the window. "
    "Ada heard a bell, far away, and then she heard it again, a little nearer. "
    "A boat was out there, and it could not see the rock. "
    "She rang her own bell, but the wind took the sound and carried it the wrong way. "
    "So she opened the window and began to sing, the only song she knew by heart, about a fox who wanted to fly. "
    "She sang it once, and twice, and ten times, until her voice was rough. "
    "After an hour, the bell in the fog stopped, and someone on the water began to sing along. "
    "It was a very bad singer, and Ada had never heard anything so beautiful. "
    "Slowly, line by line, the boat followed the song around the rock and into the little harbour. "
    "An old fisherman climbed out, wet to the bone, with a fat orange cat under his arm. "
    "How did you know the song, Ada asked. I did not, said the fisherman. "
    "I only sang back what I heard, so that you would not stop. "
    "They drank tea until the morning, and the cat slept on the thick grey book. "
    "When the fog lifted, the fisherman sailed home, but the cat would not leave the warm lamp. "
    "So it stayed, and on foggy nights it sat in the window and listened. "
    "That evening Ada climbed the ninety-nine steps, lit the lamp, and thought about her line for a long time. "
    "At last she wrote: thick fog, one boat, one cat, and I was not alone. "
    "Many years later, a new keeper found the book and read it from the first page to the last. "
    "He liked that line best of all, and he learned the song about the fox who wanted to fly. "
    "And whenever the fog comes in from the west, he opens the window and sings it, just in case. "
    "That is the end of the story."
)
JOKES: Sequence[str] = (
    "Why did the computer go to the doctor? It had caught a virus, and it could not stop coughing up cookies.",
    "Why do bees hum? Because they have forgotten the words.",
    "I wanted to tell you a joke about time travel, but you did not like it.",
    "What do you call a fish without an eye? A fsh.",
)
SKY = (
    "Sunlight holds all colours. The air scatters the short blue waves much more than the long red ones, "
    "so blue light reaches your eyes from every part of the sky."
)
MOON = "On average the moon is about 384,000 kilometres away. Light needs a little more than one second for that."
YEAR = "A year has 365 days, and a leap year has 366."
PLANETS = "The planets are Mercury, Venus, Earth, Mars, Jupiter, Saturn, Uranus and Neptune."
ABOUT = (
    "I am the assistant of the MKA1 Desktop demo. I run on this computer, I follow fixed rules, "
    "and there is no language model behind me."
)
WORKS = (
    "A small service on this computer plays the part of the real one. It hears thirty phrases, answers them "
    "by fixed rules, and speaks with a built-in voice. Nothing leaves this computer."
)
ABILITIES = (
    "I can tell you the time and the date, work out a sum, name a capital city, spell a word, count, "
    "flip a coin, and tell you a joke or a long story that you can interrupt. "
    "I also remember what you asked me in this conversation."
)
WEATHER = "I cannot know the weather: this demo has no connection to the internet."
