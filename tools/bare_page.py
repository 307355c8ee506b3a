"""A widget on a bare page, with a model that only keeps what it is told: no JupyterLab, no kernel."""

from typing import Any

from playwright.sync_api import Page

SHOW = """async ({ source, sheet, state, bytes }) => {
    for (const [name, text] of Object.entries(bytes)) state[name] = new DataView(new TextEncoder().encode(text).buffer);
    const style = document.createElement('style');
    style.textContent = sheet;
    const el = document.createElement('div');
    document.body.replaceChildren(style, el, Object.assign(document.createElement('div'), { style: 'height: 3000px' }));
    const { default: made } = await import(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })));
    const heard = {};
    window.sent = [];
    window.model = {
        get: name => state[name],
        set: (name, value) => window.model.tell({ [name]: value }),
        tell: news => { Object.assign(state, news); for (const name in news) (heard[`change:${name}`] ?? []).forEach(h => h()); },
        receive: (content, text) => heard['msg:custom'].forEach(h => h(content, [new DataView(new TextEncoder().encode(text).buffer)])),
        save_changes: () => {},
        send: message => window.sent.push(message),
        on: (names, handler) => names.split(' ').forEach(name => (heard[name] ??= []).push(handler)),
        off: () => {},
    };
    const begun = performance.now();
    const widget = typeof made === 'function' ? await made() : made;
    await widget.initialize?.({ model: window.model });
    await widget.render({ model: window.model, el });
    await new Promise(resolve => requestAnimationFrame(() => setTimeout(resolve)));
    return performance.now() - begun;
}"""


def show(page: Page, widget: Any) -> float:
    """Draw a widget as it stands; nothing answers from Python. Returns the ms until its first picture was drawn."""
    page.goto("about:blank")
    state = {
        name: value
        for name, value in widget.get_state().items()
        if not name.startswith("_") and name not in ("layout", "tooltip")
    }
    # A picture is no text, and is drawn by the browser alone.
    bytes_of = {name: state.pop(name).decode() for name in list(state) if isinstance(state[name], bytes)}
    took: float = page.evaluate(
        SHOW,
        {"source": str(widget._esm), "sheet": str(widget._css), "state": state, "bytes": bytes_of},
    )
    return took
