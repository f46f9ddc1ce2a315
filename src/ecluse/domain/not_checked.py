"""What Ecluse does not check, said with every refusal and every receipt (INVARIANT 11).

Law: 'permitted' means permitted by your rules on the recorded facts; these sentences say what it does not mean.
"""

from ecluse.domain.verdict import Hint

NOT_CHECKED: tuple[Hint, ...] = (
    Hint(
        en="Ecluse does not check the legal basis of the processing.",
        fr="Ecluse ne vérifie pas la base légale du traitement.",
    ),
    Hint(
        en="Ecluse does not check that the persons concerned were informed.",
        fr="Ecluse ne vérifie pas que les personnes concernées ont été informées.",
    ),
    Hint(
        en="Ecluse does not check that the recorded facts are true.",
        fr="Ecluse ne vérifie pas l'exactitude des faits enregistrés.",
    ),
    Hint(
        en="Ecluse does not see traffic that goes round it.",
        fr="Ecluse ne voit pas le trafic qui la contourne.",
    ),
    Hint(
        en="Ecluse does not know what its classifier missed.",
        fr="Ecluse ignore ce que sa détection n'a pas reconnu.",
    ),
)
