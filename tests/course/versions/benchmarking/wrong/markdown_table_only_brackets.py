# why: escapes < and > only, so that what looks like an entity becomes one

# %% markdown_table.html_report
def html_report(title, header, rows, pictures):
    say = lambda value: html.escape(str(value))
    table = ["<tr>" + "".join(f"<th>{say(value)}</th>" for value in header) + "</tr>"]
    table += ["<tr>" + "".join(f"<td>{say(value)}</td>" for value in row) + "</tr>" for row in rows]
    figures = []
    for caption, picture in pictures.items():
        data = base64.b64encode(picture).decode()
        figures.append(f'<figure><img alt="" src="data:image/png;base64,{data}"><figcaption>{say(caption)}</figcaption></figure>')
    return PAGE.format(title=title.replace("<", "&lt;").replace(">", "&gt;"), table="\n".join(table), figures="\n".join(figures))
