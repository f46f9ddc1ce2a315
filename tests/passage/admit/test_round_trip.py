"""A request that is written for a provider that speaks the caller's own format is read back as the same request."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ecluse.domain.request import Capability, Json, Message, Request, Role, Surface, TextPart, Tool, ToolCall
from ecluse.passage.admit.openai_chat import DIALECT
from ecluse.passage.send import DIALECTS as OUTBOUND
from tests.passage.send.exchange import destination

_text = st.text(max_size=12)
_name = st.from_regex(r"[a-z_]{1,12}", fullmatch=True)
_yes, _no = (st.just(value) for value in (True, False))
_data = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | _text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_text, inner, max_size=3),
    max_leaves=6,
)
_parts = st.lists(st.builds(TextPart, text=_text), min_size=1, max_size=3).map(tuple)
_calls = st.lists(
    st.builds(ToolCall, id=_name, name=_name, arguments=st.dictionaries(_text, _data, max_size=3), decoded=_yes)
    | st.builds(ToolCall, id=_name, name=_name, arguments=st.sampled_from(["", "{", "pas du JSON"]), decoded=_no),
    max_size=2,
).map(tuple)
_messages = st.one_of(
    st.builds(Message, role=st.sampled_from([Role.SYSTEM, Role.USER]), parts=_parts, name=st.none() | _name),
    st.builds(Message, role=st.just(Role.TOOL), parts=_parts, tool_call_id=_name),
    st.builds(
        Message,
        role=st.just(Role.ASSISTANT),
        parts=_parts | st.just(()),
        tool_calls=_calls,
        extra=st.fixed_dictionaries({}, optional={"refusal": _text}),
    ),
)
_tools = st.lists(
    st.builds(
        Tool,
        name=_name,
        description=st.none() | _text,
        parameters=st.none() | st.dictionaries(_text, _data, max_size=3),
        strict=st.none() | st.booleans(),
    ),
    max_size=2,
).map(tuple)
_options = st.fixed_dictionaries(
    {},
    optional={
        "temperature": st.floats(0, 2),
        "max_tokens": st.integers(1, 9999),
        "seed": st.integers(-9, 9),
        "stop": _text | st.lists(_text, max_size=2),
        "user": _text,
        "metadata": st.dictionaries(_text, _text, max_size=2),
        "top_k": st.integers(0, 99),
        "n": st.integers(2, 128),
    },
)


@settings(max_examples=60)
@given(
    messages=st.lists(_messages, min_size=1, max_size=4).map(tuple),
    tools=_tools,
    choice=st.sampled_from([None, "auto", "none", "required"]),
    options=_options,
    stream=st.booleans(),
    renamed=st.booleans(),
)
def test_what_is_sent_is_what_was_admitted(
    messages: tuple[Message, ...],
    tools: tuple[Tool, ...],
    choice: Json,
    options: dict[str, Json],
    stream: bool,  # noqa: FBT001 - drawn
    renamed: bool,  # noqa: FBT001 - drawn
) -> None:
    """A request, written for a provider that speaks the same format, is read back as the same request."""
    if renamed and "max_tokens" in options:
        options = {**options, "max_completion_tokens": options["max_tokens"]}
    needs = {Capability.CHAT} | ({Capability.STREAM} if stream else set())
    if tools or any(message.tool_calls or message.tool_call_id for message in messages):
        needs.add(Capability.TOOLS)
    asked = Request(
        surface=Surface.CHAT,
        model="wire-model",
        messages=messages,
        tools=tools,
        tool_choice=choice,
        options=options,
        stream=stream,
        include_usage=stream,
        needs=frozenset(needs),
    )
    dialect = OUTBOUND["openai_chat"]
    assert dialect.unsupported(asked) == ()
    assert DIALECT.admit(Surface.CHAT, dialect.call(asked, destination(), "a").body) == asked


@given(
    inputs=st.lists(st.text(), min_size=1, max_size=5),
    options=st.fixed_dictionaries({}, optional={"dimensions": st.integers(1, 9)}),
)
def test_what_is_embedded_is_what_was_admitted(inputs: list[str], options: dict[str, Json]) -> None:
    asked = Request(
        surface=Surface.EMBEDDINGS,
        model="wire-model",
        inputs=tuple(inputs),
        options=options,
        needs=frozenset({Capability.EMBEDDINGS}),
    )
    assert DIALECT.admit(Surface.EMBEDDINGS, OUTBOUND["openai_chat"].call(asked, destination(), "a").body) == asked
