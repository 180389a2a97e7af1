"""How common parts of names are: the more people bear what agrees, the more weighs what does not.

The table is a background that is the same for every list, so that a hit does not change with what else a list holds.
It was written down from what is generally known of the world's most frequent names, in two orders of magnitude, and
set on no list and no test set. Whatever it does not name counts as rare.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from domain.screening.names.forms import TITLES

ENOUGH: Final = 7.5
"""Decades: one in 30 million. A hundred thousand names against some hundred people are as many comparisons, so that
a coincidence rarer than this is not to be expected among them."""

_RARE: Final = 4.5
_FREQUENT: Final = 3.2
_VERY_FREQUENT: Final = 2.5
_INITIAL: Final = 1.2
"""Decades: of people anywhere, one in 30,000, in 1,600, in 300; and one in 16 for a letter."""

_DOUBLED: Final = 2.5
"""Decades short of enough at which what disagrees weighs twice as much."""

_VERY_FREQUENT_NAMES: Final = """
maria mary marie mohammed muhammad mohamed mohammad muhammed mohamad mohd ahmed ahmad ali hassan hasan hussein hussain
fatima ibrahim omar umar yusuf youssef joseph jose juan john jean ivan jan johannes david daniel michael mikhail
michel miguel alexander aleksandr alexandre anna ana anne ann antonio peter pedro pierre paul pablo luis carlos james
george robert william thomas elena sergei sergey andrei andrey vladimir
garcia rodriguez martinez hernandez lopez gonzalez perez sanchez silva santos smith johnson williams brown jones kim
lee li wang zhang chen liu nguyen tran singh kumar khan ivanov mueller muller
"""

_FREQUENT_NAMES: Final = """
aaron abdul abdullah abdallah abd abdo abbas adam adrian agnes aisha akbar alan albert alberto alejandro aleksandar
alessandro alex alexandra alexandru alexei aleksei alfonso alfred alfredo alice alicia alina allen amanda amina amir
amy ana andre andrea andreas andres andrew andrii anders angel angela angelica anita anton antoine antony anthony
arman armando arthur artur arturo asad ashraf asma awad aziz bakr barbara beatriz benjamin bernard bogdan brian bruno
camille carl carla carlo carmen carol carolina caroline catherine cecilia charles chris christian christina christine
christopher clara claudia claudio cristian cristina daniela danielle denis diana diego dmitri dmitry dominik dorothy
edgar eduard eduardo edward ekaterina elias elisabeth elizabeth emil emilia emily emma emmanuel enrique eric erik
ernesto esther eva evgeny fabio farah farid felipe felix fernando filip florian francesca francesco francis francisco
francois frank franz fred gabriel gabriela gennady gerard gerhard giovanni giuseppe gloria grace gregory guillermo
gustavo hamid hamza hans harry hector helen helena henry henri hugo ian ibrahima igor ilya inna irina isaac isabel
isabella ismail ivana jack jacob jacques jaime jakub jamal jane janos javier jennifer jessica jesus joan joao joana
joaquin joel jonas jonathan jordan jorge josef joshua juana julia julian julie julien julio justin kamal karen karim
karl katarzyna katherine kevin khaled khalid konstantin krzysztof lars laszlo laura layla leila leonardo linda lisa
louis louise luca lucas lucia luisa lukas magdalena mahmoud mahmud malik manuel marc marcel marcin marco marcos marek
margaret margarita mariam mariana marina mario mark marko markus marta martha martin martina mateo matteo matthew
matthias max maxim mehmet melissa mercedes mihai milan mina miriam mohsen moses musa mustafa myriam nabil nadia
nancy naser nasser natalia natalie nicholas nicolas nicole nikola nikolai nikos nina noah noor nour nur oleg oleksandr
olga oliver olivier omer oscar osman pamela paola paolo patricia patrick paula paulo pavel philip philippe piotr
rachel rafael raffaele rahim rahman raj rajesh ralph ram ramon rashid raul raymond rebecca ricardo riccardo richard
roberto rodrigo roger roman rosa rose ruben ruth ryan said saeed saleh salim salman sam samir samuel sandra santiago
sara sarah sebastian sergio sharon simon sofia sonia sophie stefan stephanie stephen steven suleiman sunil susan
svetlana sylvia tamara tariq tatiana teresa tim timothy tomas tomasz valentina vera veronica victor victoria viktor
vincent virginia walter wei yan yang ying yuri yusef yves zahra zainab zeynep zoltan
abdi abdelrahman adams aguilar alexandrov allan almeida alonso alvarez alves anderson andersson andrade angelov aoki
araujo arias baker barbosa bauer becker bell bello bennett bernardo blanco borges bravo bui butler cabrera campbell
campos cardoso carter carvalho castillo castro chan chang chavez cho choi chung clark cohen collins contreras cook
cooper cordova correia costa cruz cunha das davies davis delgado diallo dias diaz dimitrov domingues dominguez
dubois duarte dumitru edwards escobar espinosa espinoza estrada evans fernandes fernandez ferrari ferreira fischer
flores foster fuentes gao georgiev gil gomes gomez goncalves gonzales gray green griffin guerrero gupta gutierrez
guzman hall hamilton hansen harris he hill hoang hoffmann horvath howard hu huang hughes huynh ibanez ito ivanova
jackson jansen jensen jenkins jimenez joshi jovanovic juarez kaya kelly khatun king klein kovacs kovalenko kowalski
kuznetsov larsen le leon lewis lin lima long lopes lu luna ma machado marin marques marquez martins medina mehta mejia
mendes mendez mendoza meyer miller mitchell mohan molina monteiro moore mora morales moreira moreno morgan morris munoz
murphy myers nagy nascimento navarro nelson nielsen novak nunes nunez oliveira olsen ortega ortiz osorio pacheco padilla
park parker patel paz pena pereira petrov petrovic pham phan phillips pinto pires popa popescu popov powell price
qureshi ramirez ramos rao reddy reed reis reyes ribeiro richardson rios rivera robinson rocha rodrigues rogers rojas
romero rosario ross rossi roy rubio ruiz russell salazar salinas sanders sandoval santana santiago sato schmidt
schneider schulz schwarz scott serrano shah shaikh sharma shevchenko simpson soares soto sousa souza stewart sun
suzuki svensson tanaka tang tavares taylor teixeira thompson torres toth traore turner valdez vargas vasquez vazquez
vega velasquez vieira vu walker wagner ward watanabe watson weber white wilson wood wright wu xu yadav yamamoto yilmaz
young zhao zhou zhu
"""

_DECADES: Final[Mapping[str, float]] = {
    word: decades
    for names, decades in ((_FREQUENT_NAMES, _FREQUENT), (_VERY_FREQUENT_NAMES, _VERY_FREQUENT))
    for word in names.split()
}


def rarity(word: str) -> float:
    """Return how rare *word* is, a part of a name in Latin letters: the decimal logarithm of how many have one bearer.

    >>> rarity("maria") < rarity("teixeira") < rarity("lindqvist")
    True
    """
    if len(word) == 1:
        return _INITIAL
    return 0.0 if word in TITLES else _DECADES.get(word, _RARE)


def disagreement_factor(agreeing: Iterable[tuple[str, str]]) -> float:
    """Return by how much more what disagrees weighs (0–1), given the pairs of words that agree.

    A pair is as common as the commoner of its words. Nothing is added where a rare word agrees, or where common ones
    are rare enough together.
    """
    pairs = list(agreeing)
    if not pairs or any(min(rarity(left), rarity(right)) >= _RARE for left, right in pairs):
        return 0.0
    return min(1.0, max(0.0, (ENOUGH - agreed_decades(pairs)) / _DOUBLED))


def agreed_decades(agreeing: Iterable[tuple[str, str]]) -> float:
    """Return how rare it is that all these pairs of words agree by chance: the decimal logarithm of one in how many."""
    return sum(min(rarity(left), rarity(right)) for left, right in agreeing)
