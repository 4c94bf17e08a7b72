"""The life of a conversation: asyncio, no Qt, no SDK."""
