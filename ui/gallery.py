"""The page of the gallery: all pictures, chosen by screen, size, theme, language and mode.

One file without a server or a library; the list of pictures is in it as JSON, and only those
chosen are loaded.
"""

import json
from collections.abc import Sequence

Cell = tuple[str, str, str, str, bool]  # sample, size, theme, language, easy mode

_STYLE = """
:root{color-scheme:light dark;--ink:#08131e;--ground:#eef3f7;--card:#fff;--line:#c5d2dd}
@media(prefers-color-scheme:dark){:root{--ink:#f6fafd;--ground:#040a11;--card:#0f1c29;
--line:#26394c}}
*{box-sizing:border-box}body{margin:0;font:16px/1.4 system-ui;color:var(--ink);
background:var(--ground)}
header{position:sticky;top:0;z-index:1;display:flex;flex-wrap:wrap;gap:12px 20px;padding:12px 20px;
align-items:center;background:var(--card);border-bottom:2px solid var(--line)}
label{display:flex;gap:8px;align-items:center}select,input{font:inherit;padding:6px 10px;
color:inherit;background:var(--ground);border:2px solid var(--line);border-radius:8px}
main{display:flex;flex-wrap:wrap;gap:20px;padding:20px}figure{margin:0}
img{display:block;height:var(--high,300px);border-radius:10px;border:2px solid var(--line)}
figcaption{margin-top:4px;font-size:14px}output{margin-left:auto}
"""

_SCRIPT = """
const names=["sample","size","theme","language","mode"],first={size:"landscape",theme:"day"};
const head=document.querySelector("header"),main=document.querySelector("main");
const told=document.querySelector("output"),word=document.querySelector("input"),chosen={};
const kept=new URLSearchParams(location.hash.slice(1));
names.forEach((name,place)=>{
  const values=[...new Set(shots.map(shot=>shot.is[place]))];
  const label=document.createElement("label"),select=document.createElement("select");
  ["all",...values].forEach(value=>select.add(new Option(value,value)));
  select.value=kept.get(name)??(values.includes(first[name])?first[name]:values.length>40?"all":values[0]);
  select.onchange=show;label.append(name,select);head.insertBefore(label,word.parentNode);
  chosen[name]=select;
});
word.value=kept.get("word")??"";word.oninput=show;
function show(){
  const part=word.value.trim().toLowerCase();
  const found=shots.filter(shot=>shot.file.includes(part)&&names.every((name,place)=>
    chosen[name].value==="all"||chosen[name].value===shot.is[place]));
  main.replaceChildren(...found.map(shot=>{
    const figure=document.createElement("figure"),link=document.createElement("a");
    const image=new Image();image.loading="lazy";image.src=shot.file;image.alt=shot.is.join(", ");
    image.width=shot.is[1]==="portrait"?250:512;image.style.height="auto";
    link.href=shot.file;link.append(image);
    const words=document.createElement("figcaption");words.textContent=shot.is.join(" · ");
    figure.append(link,words);return figure;}));
  told.textContent=`${found.length} of ${shots.length}`;
  const now=new URLSearchParams(names.map(name=>[name,chosen[name].value]));
  now.set("word",word.value);history.replaceState(null,"","#"+now);
}
show();
"""


def page_of(cells: Sequence[Cell], files: Sequence[str]) -> str:
    """The page for pictures that lie beside it; `files` in the order of `cells`."""
    shots = [
        {"file": file, "is": [*cell[:4], "easy" if cell[4] else "usual"]}
        for cell, file in zip(cells, files, strict=True)
    ]
    known = json.dumps(shots, separators=(",", ":")).replace("<", "\\u003c")
    return (
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n<title>Screens of the kiosk</title>\n'
        f"<style>{_STYLE}</style>\n"
        '<header><strong>Screens of the kiosk</strong><label>name has<input type="search"></label>'
        "<output></output></header>\n<main></main>\n"
        f"<script>const shots={known};{_SCRIPT}</script>\n"
    )
