namespace Microblog.Tests.Foreign;

/// <summary>A test that needs programs of other projects. Without them it is skipped on a laptop and fails where CI is "true".</summary>
internal sealed class ForeignFactAttribute : FactAttribute
{
    public ForeignFactAttribute(params string[] programs) => Skip = ForeignProgram.Missing(programs);
}

/// <summary>As <see cref="ForeignFactAttribute"/>, with data.</summary>
internal sealed class ForeignTheoryAttribute : TheoryAttribute
{
    public ForeignTheoryAttribute(params string[] programs) => Skip = ForeignProgram.Missing(programs);
}
