#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes onboarding-pack.pdf, the document the demonstration signs when it is given none. Needs reportlab."""
import pathlib

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.lib.units import mm
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Spacer

PAGES = [
    ("Welcome to Example Ltd", [
        "This pack holds what we agree on before your first day. Please read each page; you sign once, for all of it.",
        "Your manager signs after you. Both signatures stand in this file and can be checked by anyone, without us.",
    ]),
    ("Terms of employment", [
        "1. Position. You join as described in your offer letter, in the team and at the place named there.",
        "2. Working time. Forty hours a week, arranged with your team; overtime is agreed beforehand.",
        "3. Leave. Thirty days a year, besides public holidays.",
        "4. Notice. Four weeks from either side during the first six months, three months afterwards.",
    ]),
    ("Confidentiality and equipment", [
        "You keep confidential what is not public, during your employment and after it.",
        "You return equipment, keys and documents on your last day. Loss is reported the same day.",
        "You have received and read the information security policy and the privacy notice for employees.",
    ]),
]


def main():
    target = pathlib.Path(__file__).with_name("onboarding-pack.pdf")
    styles = getSampleStyleSheet()
    story = []
    for number, (title, paragraphs) in enumerate(PAGES):
        if number:
            story.append(PageBreak())
        story.append(Spacer(1, 30 * mm))
        story.append(Paragraph(title, styles["Title"]))
        for text in paragraphs:
            story.append(Paragraph(text, styles["BodyText"]))
            story.append(Spacer(1, 4 * mm))
    SimpleDocTemplate(
        str(target), pagesize=A4, title="Onboarding pack", author="Example Ltd", invariant=1).build(story)


if __name__ == "__main__":
    main()
