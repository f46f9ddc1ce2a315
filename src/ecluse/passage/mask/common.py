"""Words that are names and, in small letters, much more often words.

Law: the list spares prose, never a value. A word of it that is written with a capital is taken for the part of a name
that it spells; in small letters it counts only beside the rest of the name, which is searched by itself.
"""


def row(words: str) -> frozenset[str]:
    """Return the words of a line."""
    return frozenset(words.split())


COMMON = row(
    # French
    "ange aube avril berger blanc blanche blond bon bonne bois boucher boulanger brun cerise chef chevalier clair "
    "claire constant content court cousin desire dieu dimanche duc fleur fleurs fort forte "
    "franc france gentil germain grand grande gras gros hardi hiver honore jasmin jeune joli "
    "jour juillet juin juste leger lundi lune maire mai marchand marche marin marine mars "
    "masse maur mercier merle meunier mignon modeste moine noel noir noire olive or page paris parfait "
    "petit petite pierre pierres poirier pont porte prince prudence rose roses rouge roux "
    "rousse sage saint sainte salle samedi soleil sylvestre tel tisserand vent vert "
    "victoire villa ville violette "
    # English
    "april art august baker bell bill black brown christian church cook drew faith field fields "
    "fisher ford grace grant gray green grey guy hall hill hope hunter joy june king law long mark "
    "mason may miller moon name nick page park penny person price ray rich rock rob sandy short "
    "stone sue summer walker ward will wood woods young do an any ma no so to in on at be he we us my us "
    "am is it if or as by "
)
