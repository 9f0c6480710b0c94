/*
 * Text form of the IR. Every operation has one form:
 *   %results = namespace.name @symbol (operands) <attributes> : types  name { regions }  loc("paths")
 * Operation names carry a dot, so that `keep {` is a region and never an operation.
 */
grammar Qir;

file : alias* module EOF ;

/* A type on its own, for other forms that hold types as text. */
typeOnly : type EOF ;

/* An attribute on its own, likewise. */
attributeOnly : attributeValue EOF ;

alias : TYPE_ALIAS '=' element shape? ;

module : MODULE SYMBOL attributes? '{' (function | operation)* '}' ;

function : FUNC SYMBOL '(' parameters? ')' ('->' results)? attributes? region location? ;

parameters : parameter (',' parameter)* ;

parameter : VALUE ':' type ;

results : type | '(' (type (',' type)*)? ')' ;

operation
  : (VALUE (',' VALUE)* '=')? OP_NAME SYMBOL? operands? attributes? (':' type (',' type)*)?
    namedRegion* location?
  ;

operands : '(' (VALUE (',' VALUE)*)? ')' ;

namedRegion : IDENTIFIER? region ;

region : '{' ('|' parameters '|')? operation* '}' ;

attributes : '<' attribute (',' attribute)* '>' ;

/* A name alone means true. */
attribute : word ('=' attributeValue)? ;

attributeValue
  : INT                                                     # intValue
  | (FLOAT | MINUS_INF)                                     # floatValue
  | STRING                                                  # stringValue
  | SYMBOL                                                  # symbolValue
  | '[' (attributeValue (',' attributeValue)*)? ']'         # listValue
  | STRUCT attributes?                                      # structValue
  | type                                                    # typeValue
  | word                                                    # wordValue
  ;

type : element shape | TYPE_ALIAS shape? ;

element : IDENTIFIER attributes? ;

shape : '[' (dim (',' dim)*)? (';' STRUCT)? ']' ;

dim : factor ('*' factor)* ;

factor : INT | word ;

location : LOC '(' STRING (',' STRING)* ')' ;

word : IDENTIFIER | MODULE | FUNC | LOC ;

MODULE : 'module' ;
FUNC : 'func' ;
LOC : 'loc' ;
MINUS_INF : '-inf' ;

VALUE : '%' [A-Za-z0-9_]+ ;
SYMBOL : '@' [A-Za-z_] [A-Za-z0-9_.]* ;
TYPE_ALIAS : '!' NAME ;
STRUCT : '#' [A-Za-z_] [A-Za-z0-9_.]* ;
OP_NAME : NAME ('.' NAME)+ ;
IDENTIFIER : NAME ;
FLOAT : '-'? [0-9]+ '.' [0-9]+ ([eE] [+-]? [0-9]+)? ;
INT : '-'? [0-9]+ ;
STRING : '"' STRING_PART* '"' ;
OPEN_STRING : '"' STRING_PART* ;
COMMENT : '//' ~[\r\n]* -> skip ;
SPACE : [ \t\r\n]+ -> skip ;

/* Anything else becomes a token that no rule takes, so that the parser reports it with its place. */
STRAY : . ;

fragment STRING_PART : ~["\\\r\n] | '\\' ~[\r\n] ;
fragment NAME : [A-Za-z_] [A-Za-z0-9_]* ;
